import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { PROJECT_DIR } from "../../embedded/local/paths.ts";
import type { LivePaths } from "../paths.ts";

/** The stack that `npm run live` stands up. */
export const LIVE_STACK = "live";

/**
 * What someone who works on the stack has in the environment: the cluster, the stack's state and what decrypts it, the
 * authority that signed its certificate, and `pulumi`, `kubectl` and `atticctl` on PATH.
 */
export function stackEnvironment(paths: LivePaths): Record<string, string> {
  const path = [
    join(paths.engine, "bin"),
    join(paths.controlPlane, "bin"),
    join(PROJECT_DIR, "node_modules/.bin"),
    process.env.PATH ?? "",
  ];
  return {
    PATH: path.join(delimiter),
    KUBECONFIG: join(paths.controlPlane, "kubeconfig"),
    PULUMI_HOME: join(paths.engine, "home"),
    PULUMI_BACKEND_URL: `file://${join(paths.engine, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(paths.engine, "passphrase"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: LIVE_STACK,
    ...(existsSync(paths.authority) && {
      NODE_EXTRA_CA_CERTS: paths.authority,
      CURL_CA_BUNDLE: paths.authority,
      NIX_SSL_CERT_FILE: paths.authority,
    }),
  };
}
