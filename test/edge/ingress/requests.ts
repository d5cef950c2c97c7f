import type { RouteId } from "../../../components/ingress/routes.ts";

const hash = "s66mzxpvicwk07gjbjfw9izjfa797vsw";
const long = `a${"b".repeat(49)}`;

/** Requests of real clients, and of others, with the route that each must take. */
export const requests: readonly [method: string, path: string, route: RouteId][] = [
  // Nix asks for these before it uses a cache, and then for what it has.
  ["GET", "/main/nix-cache-info", "cacheInfo"],
  ["HEAD", "/main/nix-cache-info", "cacheInfo"],
  ["GET", "/dev-1_x+y/nix-cache-info", "cacheInfo"],
  ["GET", `/${long}/nix-cache-info`, "cacheInfo"],
  ["GET", "/main/attic-cache-info", "cacheInfo"],
  ["GET", `/main/${hash}.narinfo`, "narinfo"],
  ["HEAD", `/main/${hash}.narinfo`, "narinfo"],
  ["GET", `/main/nar/${hash}.nar`, "nar"],
  ["HEAD", `/main/nar/${hash}.nar`, "nar"],
  ["GET", `/main/${hash}.narinfo?x=1`, "narinfo"],
  // `attic use`, `attic cache create`, `attic push`.
  ["GET", "/_api/v1/cache-config/main", "api"],
  ["POST", "/_api/v1/cache-config/main", "api"],
  ["PATCH", "/_api/v1/cache-config/main", "api"],
  ["DELETE", "/_api/v1/cache-config/main", "api"],
  ["POST", "/_api/v1/get-missing-paths", "api"],
  ["PUT", "/_api/v1/upload-path", "upload"],
  // What the server answers with 4xx by itself.
  ["GET", "/_api/v1/upload-path", "api"],
  ["PUT", "/_api/v1/upload-path/", "api"],
  ["GET", "/_api/v2/anything", "other"],
  ["GET", "/_api", "other"],
  ["GET", "/", "other"],
  ["GET", "/nix-cache-info", "other"],
  ["GET", "/metrics", "other"],
  ["GET", "/main", "other"],
  ["GET", `/main/${hash}.ls`, "other"],
  ["GET", "/main/nar/", "other"],
  ["GET", `/main/nar/${hash}.nar.xz`, "other"],
  ["GET", `/main/sub/nar/${hash}.nar`, "other"],
  ["POST", "/main/nix-cache-info", "other"],
  ["POST", `/main/${hash}.narinfo`, "other"],
  ["PUT", `/main/nar/${hash}.nar`, "other"],
  // What the server answers with 500, because it is no hash and no name of a cache: it counts against nothing.
  ["GET", "/main/index.narinfo", "other"],
  ["GET", `/main/${hash.slice(1)}.narinfo`, "other"],
  ["GET", `/main/${hash.replace("s", "e")}.narinfo`, "other"],
  ["GET", `/main/${hash.toUpperCase()}.narinfo`, "other"],
  ["GET", "/main/nar/index.nar", "other"],
  ["GET", `/_api/${hash}.narinfo`, "other"],
  ["GET", "/_api/nix-cache-info", "other"],
  ["GET", `/${long}c/nix-cache-info`, "other"],
];
