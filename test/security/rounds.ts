/** Tests that try again and again do so often: `./gantry dev security --rounds 10` tries ten times as often. */
export const ROUNDS = Number(process.env['GANTRY_SECURITY_ROUNDS'] ?? 1);
