import process from "node:process";
import { debianRoot } from "../../live/images/debian.ts";
import { postgresqlPackages } from "../../live/images/postgresql.ts";
import { nodePackagesUnpacked, unpacked } from "../../live/packages.ts";
import { sidecarPackages } from "../../live/platform/barman-cloud/sidecar.ts";
import { lacks } from "../../live/requirements.ts";
import { unfit } from "../support/live/unfit.ts";

// Looking takes seconds, so a run looks once, and its workers are told.
process.env.LIVE_MISSING ??= (await found()) ?? "";

/** What real nodes are left out for on this machine, and said so; undefined where it can have them. */
export const missing: string | undefined = process.env.LIVE_MISSING || undefined;
if (missing) console.warn(`real nodes are left out: ${missing}`);

async function found(): Promise<string | undefined> {
  const why = unfit(lacks());
  if (why) return why;
  // What fails from here on fails the run: the machine can have it.
  await nodePackagesUnpacked();
  await unpacked("busybox", ["busybox-static"]);
  await debianRoot("postgresql", postgresqlPackages);
  await debianRoot("barman-cloud", sidecarPackages);
  return undefined;
}
