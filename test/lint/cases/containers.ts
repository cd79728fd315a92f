/** The rules about containers. */
import { inventory } from "../../support/fleet.ts";
import { type Cases, service } from "./case.ts";

export const CASES: Readonly<Record<string, Cases>> = {
  "image-unpinned": {
    wrong: [
      {
        name: "a port of the registry is no tag",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml":
            'name = "web"\nnode = "alpha"\n[[components]]\nname = "api"\nimage = «"registry.example:5000/team/web"\n',
        },
        messages: [
          "the image of web-api has neither a tag nor a digest: registry.example:5000/team/web",
        ],
        help: ['"registry.example:5000/team/web:v1.0.0"'],
      },
    ],
    right: [
      {
        name: "a digest, with and without a tag",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml": `name = "web"\nnode = "alpha"\n[[components]]\nname = "a"\nimage = "registry.example:5000/web@sha256:${"0".repeat(64)}"\n[[components]]\nname = "b"\nimage = "web:v1@sha256:${"0".repeat(64)}"\n`,
        },
      },
      {
        name: "a service that is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/web.toml":
            'name = "web"\nactive = false\n[[components]]\nname = "web"\nimage = "web"\n',
        },
      },
    ],
  },
  "duplicate-container": {
    wrong: [
      {
        name: "two services whose names and components meet",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = ‹"b-c"\nimage = "a:v1"\n',
          "services/b.toml":
            'name = "a-b"\nnode = "alpha"\n[[components]]\nname = «"c"\nimage = "a:v1"\n',
        },
        messages: ["two components on alpha make a container named a-b-c"],
        help: ["Rename one of the components"],
      },
      {
        name: "two components of one name, and a component named like another one's container",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = ‹"b"\nimage = "a:v1"\n[[components]]\nname = «"b"\nimage = "a:v1"\n',
        },
        messages: ["two components on alpha make a container named a-b"],
      },
      {
        name: "two routes of one variable",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service(
            "a",
            '[[components.routes]]\nname = ‹"a-b"\nport = 1\n[[components.routes]]\nname = «"a_b"\nport = 2',
          ),
        },
        messages: ["two routes of a both get the variable PORT_A_B"],
      },
    ],
    right: [
      {
        name: "on different hosts",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\n[[components]]\nname = "b-c"\nimage = "a:v1"\n',
          "services/b.toml":
            'name = "a-b"\nnode = "beta"\n[[components]]\nname = "c"\nimage = "a:v1"\n',
        },
      },
      {
        name: "one of them is not active",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml":
            'name = "a"\nnode = "alpha"\nactive = false\n[[components]]\nname = "b-c"\nimage = "a:v1"\n',
          "services/b.toml":
            'name = "a-b"\nnode = "alpha"\n[[components]]\nname = "c"\nimage = "a:v1"\n',
        },
      },
      {
        name: "several unnamed routes",
        files: {
          "nixgen.toml": inventory(),
          "services/a.toml": service(
            "a",
            "[[components.routes]]\nport = 1\n[[components.routes]]\nport = 2",
          ),
        },
      },
    ],
  },
};
