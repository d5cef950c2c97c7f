import process from "node:process";
import { down } from "../../../live/down.ts";
import { livePaths } from "../../../live/paths.ts";

// Takes down what runs below the folder that is given: for a run that is interrupted, which has no time to wait for it.
const [root = ""] = process.argv.slice(2);
await down(livePaths(root));
