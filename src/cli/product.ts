/** Names of the product as the command line prints them. */
export const product = {
  title: 'Gantry',
  tagline: 'A container platform: containers, images, networks and volumes',
  version: '0.1.0',
} as const;
