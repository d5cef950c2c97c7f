import process from "node:process";
import { debianRoot } from "../../live/images/debian.ts";
import { postgresqlPackages } from "../../live/images/postgresql.ts";
import { nodePackagesUnpacked, unpacked } from "../../live/packages.ts";
import { sidecarPackages } from "../../live/platform/barman-cloud/sidecar.ts";
import { lacks } from "../../live/requirements.ts";

// Looking takes seconds, so a run looks once, and its workers are told.
process.env.LIVE_MISSING ??= (await found()) ?? "";

/** What real nodes are left out for on this machine, and said so; undefined where they can be had. */
export const missing: string | undefined = process.env.LIVE_MISSING || undefined;
if (missing) console.warn(`real nodes are left out: ${missing}`);

async function found(): Promise<string | undefined> {
  const lacking = lacks().map(({ what }) => what);
  if (lacking.length > 0) return lacking.join("; ");
  try {
    await nodePackagesUnpacked();
    await unpacked("busybox", ["busybox-static"]);
    await debianRoot("postgresql", postgresqlPackages);
    await debianRoot("barman-cloud", sidecarPackages);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
