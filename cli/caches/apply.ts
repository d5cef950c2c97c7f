import type { AtticApi, AtticApiError } from "../attic-api/index.ts";
import type { CachePlan, Write } from "./plan.ts";
import { attempt } from "./read.ts";

/** What became of one cache. */
export interface CacheResult extends Omit<CachePlan, "writes"> {
  /** `unchanged` when there was nothing to do, `planned` when it was not tried. */
  outcome: "unchanged" | "planned" | "done" | "failed";
  error?: AtticApiError;
}

/** A plan that is only told. */
export const planned = ({ writes, ...plan }: CachePlan): CacheResult => ({
  ...plan,
  outcome: writes.length > 0 ? "planned" : "unchanged",
});

/** A cache that could not be read, of which nothing more is known. */
export const unread = (name: string, declared: boolean, error: AtticApiError): CacheResult => ({
  name,
  declared,
  action: "none",
  differences: [],
  keyLeft: false,
  outcome: "failed",
  error,
});

/** Does what a plan says. A write that fails ends this plan, and no other. */
export async function apply(api: AtticApi, plan: CachePlan): Promise<CacheResult> {
  const result = planned(plan);
  for (const write of plan.writes) {
    const error = await attempt(() => send(api, plan.name, write));
    if (error) return { ...result, outcome: "failed", error };
    result.outcome = "done";
  }
  return result;
}

function send(api: AtticApi, name: string, write: Write): Promise<void> {
  switch (write.kind) {
    case "create":
      return api.create(name, write.cache);
    case "configure":
      return api.configure(name, write.patch);
    case "destroy":
      return api.destroy(name);
  }
}
