/** An inventory of one host, box, for tests of single definitions. */
export const INVENTORY = `[fleet]
name = "f"
[user]
name = "pods"
uid = 850
[[nodes]]
name = "box"
os = "nixos"
nixos_release = "26.05"
role = "worker"
addresses = { lan = "192.168.1.2" }
`;
