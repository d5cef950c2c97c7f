import { ClusterError } from "../cluster/index.ts";
import type { Seen } from "./snapshot.ts";

/**
 * Reads a part of the snapshot. That it is missing, or that this person may not see it, is a result.
 * @param what it is, for people: `Deployment attic`
 * @throws ClusterError when the cluster does not answer at all
 */
export async function seen<T>(what: string, read: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { is: "there", value: await read() };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    switch (error.problem) {
      case "notFound":
        return { is: "missing", what };
      case "unknownKind":
        return { is: "missing", what: `${what} (${error.message})` };
      case "forbidden":
        return { is: "unreadable", why: error.message };
      default:
        throw error;
    }
  }
}
