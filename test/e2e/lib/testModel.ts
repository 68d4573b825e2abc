export const trainTestModel = async (folder: string): Promise<string> => folder;
