/** What settings read of a service of a Compose file. */
import { at } from "../text/json.ts";
import { type ComposeService, isAccepted, isNothing, note } from "./compose-service.ts";
import { settings } from "./index.ts";
import { isNone, type Words } from "./setting.ts";
import { KEYS, wordsOf } from "./words.ts";

/** The keys that settings read, like "deploy.resources.limits.memory". */
export const composeKeys: readonly string[] = KEYS.flatMap((key) => {
  const { compose } = settings[key];
  return isNone(compose) ? [] : compose.keys;
});

/** The settings of a service. A value that no definition can have is noted. */
export function composeWords(service: ComposeService): Words {
  return wordsOf((key) => {
    const { compose } = settings[key];
    if (isNone(compose)) return undefined;
    const value = compose.read(service);
    if (value !== undefined && isAccepted(key, value)) return value;
    for (const each of compose.keys) {
      const path = each.split(".");
      const given = at(service.definition, ...path);
      if (given !== undefined && given !== "false" && !isNothing(given)) note(service, path, given);
    }
    return undefined;
  });
}
