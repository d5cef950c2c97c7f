import { resolve } from "node:path";
import { loadStackConfig } from "../config/load.ts";
import { SHIPPED } from "../config/shipped.ts";
import { readStackFile } from "../config/stack-file.ts";
import program from "../index.ts";
import { type Recording, record } from "../render/record.ts";
import { architecturePicture } from "./architecture/index.ts";
import { hpaPicture, readRecording } from "./hpa/index.ts";
import { livePicture, readLive } from "./live/index.ts";
import { networkPicture } from "./network/index.ts";
import { pipelinePicture, readConfiguration } from "./pipeline/index.ts";
import { sloPicture } from "./slo/index.ts";
import { tokensPicture } from "./tokens/index.ts";

const project = resolve(import.meta.dirname, "..");
/** The stack that the pictures show, as the project comes with it: the one that has most. */
const stack = "production";
const config = () => loadStackConfig(readStackFile(SHIPPED, stack), `Pulumi.${stack}.yaml`);

let recorded: Promise<Recording> | undefined;

/** The program as it would make the stack, recorded once. No time of an update is on a picture. */
export function recording(): Promise<Recording> {
  recorded ??= record(() => program(new Date(0)), { stack, config: readStackFile(SHIPPED, stack) });
  return recorded;
}

/** Every picture, by the name of its file in docs/pictures; drawn anew from the program as it is. */
export const pictures: Readonly<Record<string, () => Promise<string>>> = {
  architecture: async () => architecturePicture(await recording(), stack),
  hpa: () => hpaPicture(readRecording()),
  tokens: () => tokensPicture(config(), stack),
  network: () => networkPicture(config(), stack),
  pipeline: () => pipelinePicture(readConfiguration()),
  slo: sloPicture,
  live: () => livePicture(readLive()),
};

/** Where the pictures are kept. */
export const folder = resolve(project, "docs/pictures");
