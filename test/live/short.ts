import process from "node:process";

/** Whether scenarios that take more than about two minutes are left out: LIVE_SHORT is set. */
export const short = Boolean(process.env.LIVE_SHORT);
if (short) console.warn("the long scenarios are left out: LIVE_SHORT is set");
