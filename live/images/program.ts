import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ImageConfig, ImageSpec } from "./oci.ts";

/** A program that needs nothing but itself, as an image. */
export interface ProgramImage {
  /** The image's name with its tag, such as `localhost/traefik:v3.6.0`. */
  name: string;
  /** Path of the program, statically linked. */
  binary: string;
  /** Where it is in the image. @default `/<name of the image>` */
  path?: string;
  /** Beside the entry point, which is the program, and the user, who is nobody. */
  config?: Partial<ImageConfig>;
  /** Puts more into the image. */
  fill?(root: string): Promise<void>;
}

/** The user of images that name none: no account of any system. */
const nobody = "65532:65532";

/** A static program with the few files that programs expect: accounts, a folder for temporary files. */
export function programImage({ name, binary, path, config, fill }: ProgramImage): ImageSpec {
  const at = path ?? `/${basename(name.slice(0, name.lastIndexOf(":")))}`;
  return {
    name,
    from: binary,
    config: { User: nobody, WorkingDir: "/", Entrypoint: [at], ...config },
    async fill(root) {
      const file = join(root, at);
      await mkdir(join(file, ".."), { recursive: true });
      await copyFile(binary, file);
      await chmod(file, 0o755);
      await mkdir(join(root, "tmp"));
      await chmod(join(root, "tmp"), 0o1777);
      await mkdir(join(root, "etc"), { recursive: true });
      await writeFile(join(root, "etc/passwd"), "root:x:0:0::/:/\nnobody:x:65532:65532::/:/\n");
      await writeFile(join(root, "etc/group"), "root:x:0:\nnobody:x:65532:\n");
      await fill?.(root);
    },
  };
}
