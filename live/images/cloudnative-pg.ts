import { chmod, copyFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { operatorVersion } from "../../embedded/cloudnative-pg/binaries.ts";
import type { ImageSpec } from "./oci.ts";

/**
 * The operator's own program as the image that its manifest names; it copies itself from there into the pods of
 * databases.
 * @param operator path of the program
 */
export const cloudNativePgImage = (operator: string): ImageSpec => ({
  name: `ghcr.io/cloudnative-pg/cloudnative-pg:${operatorVersion()}`,
  from: operator,
  config: { User: "65532:65532", WorkingDir: "/", Entrypoint: ["/manager"] },
  async fill(root) {
    const file = join(root, "operator/manager_amd64");
    await mkdir(join(root, "operator"));
    await copyFile(operator, file);
    await chmod(file, 0o755);
    await symlink("operator/manager_amd64", join(root, "manager"));
  },
});
