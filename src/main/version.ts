export const GANTRY_VERSION = '0.1.0';
