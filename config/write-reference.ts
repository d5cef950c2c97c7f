import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { referencePage } from "./reference-page.ts";

// A part of `npm run schema`: writes what people read about the stack files.
writeFileSync(join(import.meta.dirname, "../docs/configuration.md"), referencePage());
