import { stackPolicy } from "../framework/policy.ts";
import { processes } from "./processes.ts";

/** The schema is that of the image that migrated last: a process of another version may fail on it. */
export const oneImage = stackPolicy({
  name: "one-image",
  description: "The migrations, the API and the garbage collector run the same image.",
  level: "mandatory",
  *check(stack) {
    const { found: all, open } = processes(stack);
    yield* open;
    const migrator = all.find(({ mode }) => mode === "db-migrations") ?? all[0];
    for (const { resource, field, image } of all) {
      if (image === migrator?.image) continue;
      yield {
        resource,
        field: `${field}.image`,
        found: image,
        problem: `${migrator?.resource.name} runs ${migrator?.image}, to whose schema the database is brought`,
        fix: "Run attic:image in all of them.",
      };
    }
  },
});
