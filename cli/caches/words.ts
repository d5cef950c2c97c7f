import { spanOf } from "../../config/humantime.ts";
import type { AtticApiError } from "../attic-api/index.ts";
import type { CacheResult } from "./apply.ts";
import type { Difference } from "./plan.ts";

/** A setting's value for people. */
function valueWords({ setting }: Difference, value: Difference["server"]): string {
  if (setting === "retention") {
    if (value === "default") return "the server's default";
    return value === 0 ? "for ever" : spanOf(value as number);
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.join(" ") || "none";
  return String(value);
}

/** One difference: what is on the server, and what is declared. */
export const differenceWords = (difference: Difference): string =>
  `${difference.setting} ${valueWords(difference, difference.server)} → ${valueWords(difference, difference.declared)}`;

/** An error with what to do, as two lines. */
export const errorLines = ({ message, hint }: AtticApiError): string[] => [message, hint];

const verbs = {
  create: { planned: "create", done: "created" },
  configure: { planned: "configure", done: "configured" },
  destroy: { planned: "destroy", done: "destroyed" },
} as const;

/** What becomes of a cache, in a word or two. */
export function actionWords({ action, outcome, keyLeft, declared }: CacheResult): string {
  if (outcome === "failed") return action === "none" ? "not read" : "failed";
  if (action !== "none" && outcome !== "unchanged") return verbs[action][outcome];
  if (!declared) return "not there";
  return keyLeft ? "another key" : "as declared";
}

/** All that is to be said of a result beside its name and its word. */
export function resultLines({ differences, keyLeft, error }: CacheResult): string[] {
  return [
    ...differences.flatMap((difference) =>
      keyLeft && difference.setting === "publicKey"
        ? [`signs with ${difference.server}`, `declared is ${difference.declared}`, "--rekey changes it"]
        : [differenceWords(difference)],
    ),
    ...(error ? errorLines(error) : []),
  ];
}

/** An error as JSON. */
export const errorJson = ({ status, code, message, hint }: AtticApiError) => ({
  status,
  code,
  message,
  hint,
});

/** A result as JSON; it holds no secret. */
export const resultJson = ({ error, ...result }: CacheResult): object => ({
  ...result,
  ...(error && { error: errorJson(error) }),
});
