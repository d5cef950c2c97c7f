import type { IncomingMessage } from "node:http";

/** What GitLab answers. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A request, as the parts of the stub see it. */
export interface Call {
  method: string;
  /** Behind `/api/v4/projects/<id>`, not decoded. */
  rest: string;
  query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  body: any;
  headers: IncomingMessage["headers"];
}

/** A refusal in GitLab's form. */
export const said = (status: number, message: unknown): Answer => ({ status, body: { message } });

/** A page of a list with the headers of offset pagination, as lib/gitlab/pagination/offset_header_builder.rb. */
export function page(entries: unknown[], query: URLSearchParams): Answer {
  const size = Math.min(Number(query.get("per_page") ?? 20), 100);
  const number = Number(query.get("page") ?? 1);
  const pages = Math.max(1, Math.ceil(entries.length / size));
  return {
    status: 200,
    body: entries.slice((number - 1) * size, number * size),
    headers: {
      "X-Page": String(number),
      "X-Per-Page": String(size),
      "X-Next-Page": number < pages ? String(number + 1) : "",
      "X-Prev-Page": number > 1 ? String(number - 1) : "",
      "X-Total": String(entries.length),
      "X-Total-Pages": String(pages),
    },
  };
}
