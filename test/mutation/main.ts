import { SHIPPED } from "../../config/shipped.ts";
import { readStackFile } from "../../config/stack-file.ts";
import program from "../../index.ts";
import { policies } from "../../policies/all.ts";
import { configure } from "../../policies/framework/config.ts";
import { stackSettings } from "../../policies/stack-settings.ts";
import { record } from "../../render/record.ts";
import { hunt } from "./hunt.ts";

const stack = process.argv[2] ?? "production";
const recording = await record(program, { stack, config: readStackFile(SHIPPED, stack) });
const { caught, survivors } = hunt(recording, configure(policies, stackSettings(policies, stack)));
const all = caught.length + survivors.length;
console.log(`${caught.length} of ${all} weaknesses caught (${((100 * caught.length) / all).toFixed(1)} %)`);
for (const name of survivors) console.log(`  ${name}`);
