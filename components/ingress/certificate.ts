import type { ICertificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { metadata } from "./metadata.ts";
import { hosts } from "./routes.ts";

/** The Secret that cert-manager keeps the certificate in. */
export const tlsSecret = `${names.api}-tls`;

/** The certificate of the cache's name, with a new private key at each renewal. */
export function certificate(config: StackConfig): Manifest {
  const { awaitCertificate, issuer } = config.ingress;
  const { kind, name } = issuer;
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: {
      ...metadata(names.api, config),
      ...(awaitCertificate && { annotations: { "pulumi.com/waitFor": "condition=Ready" } }),
    },
    spec: {
      secretName: tlsSecret,
      dnsNames: hosts(config),
      issuerRef: { group: "cert-manager.io", kind, name },
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    },
  } satisfies ICertificate;
}
