import { chmod, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyRoot, debianRoot } from "../../images/debian.ts";
import type { ImageSpec } from "../../images/oci.ts";
import { run } from "../../run.ts";

/** The user of PostgreSQL's files in CloudNativePG's pods. */
const user = 26;

/** What is in the sidecar beside the plugin's program, and beside what that depends on. */
export const sidecarPackages = ["barman-cli-cloud", "python3-boto3", "ca-certificates"];

/** Of the eight hundred services that Amazon's library describes, those that barman asks. */
const services = new Set(["s3", "sts"]);

/**
 * The container beside each PostgreSQL: the plugin's program with barman's programs on PATH, as in the released
 * image, but with barman of the distribution, which is years older.
 * @param binary path of the plugin's program
 */
export async function sidecarImage(name: string, binary: string): Promise<ImageSpec> {
  const from = await debianRoot("barman-cloud", sidecarPackages);
  return {
    name,
    from: `${from} ${binary}`,
    config: {
      User: `${user}:${user}`,
      WorkingDir: "/",
      Env: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"],
      Entrypoint: ["/manager"],
    },
    async fill(root) {
      await copyRoot(from, root);
      await withoutOtherServices(join(root, "usr/lib/python3/dist-packages/botocore/data"));
      // The root is read-only when it runs, and reading all of it anew takes half a second each time. Archives
      // forget when a file was written, hence no check of that.
      const compiling = ["-m", "compileall", "-q", "--invalidation-mode=unchecked-hash"];
      await run("chroot", [root, "python3", ...compiling, "/usr/lib/python3", "/usr/lib/python3.11"]);
      await copyFile(binary, join(root, "manager"));
      await chmod(join(root, "manager"), 0o755);
      await mkdir(join(root, "tmp"), { recursive: true });
      await chmod(join(root, "tmp"), 0o1777);
      const postgres = `postgres:x:${user}:${user}::/var/lib/postgresql:/usr/sbin/nologin`;
      await writeFile(join(root, "etc/passwd"), `root:x:0:0::/root:/usr/sbin/nologin\n${postgres}\n`);
      await writeFile(join(root, "etc/group"), `root:x:0:\npostgres:x:${user}:\n`);
      await writeFile(join(root, "etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
    },
  };
}

async function withoutOtherServices(data: string): Promise<void> {
  for (const each of await readdir(data, { withFileTypes: true })) {
    if (each.isDirectory() && !services.has(each.name)) {
      await rm(join(data, each.name), { recursive: true });
    }
  }
}
