import { chmod, chown, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run.ts";
import { copyRoot, debianRoot } from "./debian.ts";
import type { ImageSpec } from "./oci.ts";

/** The user that CloudNativePG runs PostgreSQL as. */
const user = 26;

const programs = "/usr/lib/postgresql/15/bin";
/** Compiles large queries. */
const compiler = "usr/lib/postgresql/15/lib/llvmjit.so";
/** What is in the image, beside what that depends on. */
export const postgresqlPackages = ["postgresql-15", "postgresql-client-15", "dash", "coreutils", "tzdata"];

/**
 * PostgreSQL of the distribution as an image that CloudNativePG takes: it brings its own program into the container,
 * and wants PostgreSQL's on PATH, a shell for archiving, and the user 26. It is named by its version, such as
 * `localhost/postgresql:15.20`, because the operator reads that from the tag.
 */
export async function postgresqlImage(): Promise<ImageSpec> {
  const from = await debianRoot("postgresql", postgresqlPackages);
  const said = await run("chroot", [from, `${programs}/postgres`, "--version"]);
  const version = /\d+\.\d+/.exec(said)?.[0];
  if (!version) throw new Error(`PostgreSQL does not tell its version: ${said}`);
  return {
    name: `localhost/postgresql:${version}`,
    from,
    config: {
      User: `${user}:${user}`,
      Env: [`PATH=${programs}:/usr/bin:/bin`, "LANG=C.UTF-8", "PGDATA=/var/lib/postgresql/data/pgdata"],
      Cmd: ["postgres"],
    },
    async fill(root) {
      await copyRoot(from, root);
      // What it needs in turn is left out for its size. PostgreSQL does without it when it is not there, but where it
      // cannot be loaded every large query fails, pg_rewind's among them, and no former primary comes back.
      await rm(join(root, compiler));
      const postgres = `postgres:x:${user}:${user}::/var/lib/postgresql:/bin/sh`;
      await writeFile(join(root, "etc/passwd"), `root:x:0:0::/root:/bin/sh\n${postgres}\n`);
      await writeFile(join(root, "etc/group"), `root:x:0:\npostgres:x:${user}:\n`);
      await writeFile(join(root, "etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
      await symlink("/run", join(root, "var/run")).catch(() => {});
      const folders: [string, number][] = [
        ["tmp", 0o1777],
        ["var/lib/postgresql/data", 0o700],
        ["run/postgresql", 0o3777],
      ];
      for (const [folder, mode] of folders) {
        await mkdir(join(root, folder), { recursive: true });
        await chown(join(root, folder), user, user);
        await chmod(join(root, folder), mode);
      }
    },
  };
}
