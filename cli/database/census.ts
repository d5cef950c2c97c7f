import type { Cluster } from "../cluster/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { psql, type Session } from "./psql.ts";

/** Tables of Attic's schema that must be there; the server's migrations make them. */
export const tables = ["cache", "object", "nar", "chunk", "chunkref", "seaql_migrations"] as const;

export type Table = (typeof tables)[number];

/** What is in a database of Attic. */
export interface Census {
  /** PostgreSQL's own time of the answer. */
  at: Date;
  /** Rows by table; a table that is not there is missing. */
  rows: Partial<Record<Table, number>>;
  /** When the newest object was pushed; undefined when there is none. */
  newest: Date | undefined;
}

/** Seconds that counting may take: it reads all of the database. */
const patience = 4 * 3_600;

/**
 * Counts every row of every table, which reads every page of them, and so checks their checksums.
 * @param until objects after this moment do not count as the newest
 */
export async function census(cluster: Cluster, session: Session, until?: Date): Promise<Census> {
  const there = (await psql(cluster, session, presence)).split("\n").filter(Boolean) as Table[];
  return readCensus(await psql(cluster, session, counting(there, until), patience));
}

const presence = `SELECT name FROM unnest(ARRAY[${tables.map((table) => `'${table}'`).join(", ")}]) AS name WHERE to_regclass('public.' || name) IS NOT NULL`;

/** The question, as one JSON object, of those tables that are there. */
export function counting(there: readonly Table[], until?: Date): string {
  const rows = there.map((table) => `'${table}', (SELECT count(*) FROM public.${table})`);
  const before = until ? ` WHERE created_at <= timestamptz '${until.toISOString()}'` : "";
  const newest = there.includes("object") ? `(SELECT max(created_at) FROM public.object${before})` : "NULL";
  return `SELECT json_build_object('at', now(), 'rows', json_build_object(${rows.join(", ")}), 'newest', ${newest})`;
}

/**
 * Reads the answer.
 * @throws CliError when it is none
 */
export function readCensus(text: string): Census {
  try {
    const { at, rows, newest } = JSON.parse(text) as {
      at: string;
      rows: Census["rows"];
      newest: string | null;
    };
    const census = { at: new Date(at), rows, newest: newest === null ? undefined : new Date(newest) };
    if (Number.isNaN(census.at.getTime())) throw new Error("no time");
    return census;
  } catch (error) {
    throw new CliError(
      EXIT.failed,
      `PostgreSQL answered something else than was asked: ${text.slice(0, 80)}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

/** One line of it: `2 caches, 10 objects, 9 NARs, 40 chunks; the newest object is of 2026-11-20T10:29:00Z`. */
export function censusWords({ rows, newest }: Census): string {
  const { cache = 0, object = 0, nar = 0, chunk = 0 } = rows;
  const counts = [
    [cache, "cache"],
    [object, "object"],
    [nar, "NAR"],
    [chunk, "chunk"],
  ].map(([count, what]) => `${count} ${what}${count === 1 ? "" : "s"}`);
  const last = newest ? `the newest object is of ${newest.toISOString()}` : "no object";
  return `${counts.join(", ")}; ${last}`;
}
