/** The networks of components: their form, and what goes wrong in it. */
import { describe, expect, it } from "vitest";
import { attachmentText, parseAttachment } from "../../src/podman/attachment.ts";
import { loadFiles } from "../support/fleet.ts";
import { planFleet } from "../support/plan.ts";
import { INVENTORY } from "../support/small-fleet.ts";

function filesOf(keys: string): Record<string, string> {
  return {
    "nixgen.toml": INVENTORY,
    "services/web.toml": `name = "web"
node = "box"
[[components]]
name = "web"
image = "registry.example/web:v1"
${keys}
`,
  };
}

describe("an attachment", () => {
  it.each([
    ["back", "back"],
    ["back:alias=db,alias=db.example", "back:alias=db,alias=db.example"],
    [
      "back:mac=AA:bb:00:11:22:33,interface_name=eth7,ip6=FD00:0::5,ip=10.89.1.5,alias=db",
      "back:alias=db,ip=10.89.1.5,ip6=fd00::5,mac=aa:bb:00:11:22:33,interface_name=eth7",
    ],
  ])("%s is said to podman as %s", (text, said) => {
    const attachment = parseAttachment(text);
    expect(typeof attachment === "string" ? attachment : attachmentText(attachment)).toBe(said);
  });

  it.each([
    ["back:", '"" is none of alias=…'],
    ["back:alias", '"alias" is none of alias=…'],
    ["back:alias=a b", 'alias cannot be "a b": use letters'],
    ["back:alias=", 'alias cannot be "": use letters'],
    ["back:ip=fd00::1", 'ip cannot be "fd00::1": use an IPv4 address'],
    ["back:ip6=10.0.0.1", 'ip6 cannot be "10.0.0.1": use an IPv6 address'],
    ["back:mac=aa", 'mac cannot be "aa": use six pairs'],
    ["back:ip=10.0.0.1,ip=10.0.0.2", "ip is there twice"],
    ["back:interface_name=0123456789abcdef", "use letters, digits, dots, - and _, at most 15"],
    ["container:db", "networks has names of networks only"],
  ])("%s is none: %s", (text, reason) => {
    expect(parseAttachment(text)).toContain(reason);
  });
});

describe("a component", () => {
  it("is in all of its networks, which are made before it starts", async () => {
    const [plan] = planFleet(await loadFiles(filesOf('networks = ["front", "back:alias=api"]')));
    expect(plan?.containers[0]?.networks).toEqual(["front", "back:alias=api"]);
    expect(plan?.networks.map(({ name }) => name)).toEqual(["back", "front"]);
  });

  it.each([
    ['network = "front"\nnetworks = ["back"]', 'network = "front" stands beside networks'],
    ['networks = ["back:alias=a,x=1"]', '"x=1" is none of alias=…, ip=…'],
    ['networks = ["host"]', '"host" is no network that containers can join'],
    ['networks = ["bridge", "podman"]', 'the network "podman" is there twice'],
  ])("with %j is refused", async (keys, message) => {
    await expect(loadFiles(filesOf(keys))).rejects.toThrow(message);
  });
});

describe("a network that is defined", () => {
  const other = (keys: string): Record<string, string> => ({
    "services/other.toml": `name = "other"\nnode = "box"\n${keys}`,
  });

  it("is made with its options, for components of every service", async () => {
    const files = {
      ...filesOf('networks = ["front", "back"]'),
      ...other(`[[networks]]
name = "back"
driver = "bridge"
subnets = ["10.89.7.0/24", "fd00:7::/64"]
ipv6 = true
internal = true
isolate = false
dns = ["10.0.0.1"]
options = { vlan = "7", mtu = "1400" }
[[networks]]
name = "unused"
`),
    };
    const [plan] = planFleet(await loadFiles(files));
    const options =
      "--driver=bridge --subnet=10.89.7.0/24 --subnet=fd00:7::/64 --ipv6 --internal --opt=isolate=false --opt=mtu=1400 --opt=vlan=7 --dns=10.0.0.1";
    expect(plan?.networks).toEqual([
      { name: "back", options },
      { name: "front", options: "" },
    ]);
  });

  it.each([
    [
      '[[networks]]\nname = "a"\n[[networks]]\nname = "a"',
      'the network "a" is defined twice on box',
    ],
    ['[[networks]]\nname = "podman"', '"podman" is a network that podman has by itself'],
    ['[[networks]]\nname = "container:x"', '"container:x" is a network that podman has by itself'],
    ['[[networks]]\nname = "a"\nsubnets = ["10.0.0.0 --x/1"]', "subnet"],
    ['[[networks]]\nname = "a"\noptions = { mtu = "1 2" }', "a text without blanks"],
  ])("is refused with %j", async (keys, message) => {
    const files = { ...filesOf(""), ...other(keys) };
    await expect(loadFiles(files)).rejects.toThrow(message);
  });
});
