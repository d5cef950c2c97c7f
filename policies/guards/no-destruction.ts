import { resourcePolicy } from "../framework/policy.ts";
import { bucketKinds } from "../object-store/buckets.ts";
import { irreplaceable } from "./kinds.ts";

/** Protection can be taken off by hand; nothing should wait for that moment to take the data along. */
export const noDestruction = resourcePolicy({
  name: "no-destruction",
  description:
    "Nothing is set up to delete data: no bucket with its content, no database before its replacement.",
  level: "mandatory",
  kinds: Object.keys(irreplaceable),
  *check({ kind, properties, deleteBeforeReplace }) {
    if ((bucketKinds as readonly string[]).includes(kind) && properties.forceDestroy === true) {
      yield {
        field: "forceDestroy",
        found: true,
        problem: "a bucket is deleted with everything in it, old versions too",
        fix: "Set attic:deletionProtection: true.",
      };
    }
    if (deleteBeforeReplace) {
      yield {
        field: "options.deleteBeforeReplace",
        found: true,
        problem: "when it is replaced, its data is gone before there is another",
        fix: "Leave the option out, and move the data first.",
      };
    }
  },
});
