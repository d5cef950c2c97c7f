throw new Error("no policies today");
