import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchema } from "./json-schema.ts";

// `npm run schema`: writes what editors check the stack files against.
writeFileSync(join(import.meta.dirname, "stack.schema.json"), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
