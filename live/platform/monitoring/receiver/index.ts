import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { outsideAddress } from "../../../addresses.ts";
import { endBeside, startBeside } from "../../../nodes/beside.ts";
import type { LivePaths } from "../../../paths.ts";

const name = "on-call";
const port = 9095;

/** Where Alertmanager tells the person on call. */
export const receiverUrl = `http://${outsideAddress}:${port}/`;

const file = (paths: LivePaths) => join(paths.root, "notifications.jsonl");

/** What was told of one alert. */
export interface NotifiedAlert {
  status: "firing" | "resolved";
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
}

/** What the person on call was told, once. */
export interface Notification {
  /** When it came, as ISO 8601. */
  at: string;
  status: "firing" | "resolved";
  alerts: NotifiedAlert[];
}

/** Has notifications taken and kept, unless they are already. It stands in for the telephone of a person on call. */
export const startReceiver = (paths: LivePaths): Promise<boolean> =>
  startBeside(paths, {
    name,
    command: [
      process.execPath,
      join(import.meta.dirname, "main.ts"),
      outsideAddress,
      String(port),
      file(paths),
    ],
  });

/** Nobody can be told any more, until it is started again. */
export const endReceiver = (paths: LivePaths): Promise<void> => endBeside(paths, name);

/** Everything that the person on call was told, the oldest first. */
export async function notifications(paths: LivePaths): Promise<Notification[]> {
  const text = await readFile(file(paths), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Notification);
}
