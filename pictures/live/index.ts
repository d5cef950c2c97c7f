import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { chart } from "../chart.ts";
import { frame } from "../frame.ts";
import { kept, noticed } from "./events.ts";
import type { LiveRecording } from "./recording.ts";
import { noticedSpec } from "./spec.ts";

/** What was recorded; `node pictures/live/keep.ts` keeps another run of the scenarios. */
export const readLive = (): LiveRecording =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, "../data/live.json"), "utf8"));

/** What clients notice when something happens to the stack. */
export async function livePicture(recording: LiveRecording): Promise<string> {
  const { recorded, machine, attic } = recording;
  const all = noticed(recording);
  const { acknowledged, lost } = kept(recording);
  return frame(
    {
      title: "What clients notice",
      lead: [
        "Clients push and pull through Traefik all the while. Blue: what is done on purpose, which nobody may",
        `notice. Orange: the database's primary goes. Of ${acknowledged} rows and uploads acknowledged then, ${lost} were lost.`,
      ],
      description: all
        .map(
          ({ event, gap, failed }) =>
            `${event}: for ${gap} s at most no upload succeeded, ${failed} requests failed.`,
        )
        .join(" "),
      notes: [
        "Half a second is the pause between two uploads. Uploads wait for a database that comes back within 30 s, and then succeed.",
        `Recorded on ${recorded.slice(0, 10)} by npm run test:live, ${machine}.`,
        `In Attic's pods ran ${attic}.`,
      ],
    },
    await chart(noticedSpec(all)),
  );
}
