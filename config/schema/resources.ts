import { z } from "zod";
import { cpuQuantity, memoryQuantity } from "./primitives.ts";

/** CPU and memory, with defaults. */
export const amounts = (cpu: string, memory: string) =>
  z
    .strictObject({
      /**
       * Cores, whole or in thousandths.
       * @example "250m"
       */
      cpu: cpuQuantity().default(cpu),
      /**
       * Memory in binary units.
       * @example "512Mi"
       */
      memory: memoryQuantity().default(memory),
    })
    .prefault({});
