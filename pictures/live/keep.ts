import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { noticed } from "./events.ts";
import type { LiveRecording } from "./recording.ts";

// Keeps the figures of the last run of the scenarios for the documentation, when it has all that is drawn.

const project = resolve(import.meta.dirname, "../..");
const text = readFileSync(resolve(project, "out/live/report.json"), "utf8");
noticed(JSON.parse(text) as LiveRecording);
writeFileSync(resolve(project, "pictures/data/live.json"), text);
