// The package types its main module only, which would bring its parser along.
declare module "@iarna/toml/stringify.js" {
  import type { JsonMap } from "@iarna/toml";
  export default function stringify(value: JsonMap): string;
}
