import type { KubeObject } from "../../../embedded/cloudnative-pg/manifest.ts";
import { namespace } from "./objects.ts";

/** The ClusterIssuer that signs for the stack, and the Secret with its certificate and key. */
export const authorityName = "live-ca";

const selfSigned = "live-self-signed";

/** Who signs: a certificate that signed itself, as a company's own authority would have, and who signs with it. */
export const authorityObjects: readonly KubeObject[] = [
  {
    apiVersion: "cert-manager.io/v1",
    kind: "ClusterIssuer",
    metadata: { name: selfSigned },
    spec: { selfSigned: {} },
  },
  {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: authorityName, namespace },
    spec: {
      secretName: authorityName,
      isCA: true,
      commonName: "Authority of the live cluster",
      duration: "8760h",
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: selfSigned },
    },
  },
  {
    apiVersion: "cert-manager.io/v1",
    kind: "ClusterIssuer",
    metadata: { name: authorityName },
    spec: { ca: { secretName: authorityName } },
  },
];
