import type { CommandSpec } from '../command-spec.ts';
import { between } from '../grammar/arity.ts';
import { boolFlag } from '../grammar/flag.ts';
import { formatList, listField } from '../print/format.ts';
import { filterFlag, filterQuery } from './_filters.ts';
import { listFormatFlag } from './_format-flag.ts';
import { imageHeader, imageViews, type ListedImage } from './_image-view.ts';

const COLUMNS = ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size'];
const DIGEST_COLUMNS = ['Repository', 'Tag', 'Digest', 'ID', 'CreatedSince', 'Size'];

export const imagesCommand: CommandSpec = {
  summary: 'List images',
  operands: '[OPTIONS] [REPOSITORY[:TAG]]',
  aliases: ['image ls', 'image list', 'images'],
  flags: [
    boolFlag('all', 'a', 'Show intermediate images too'),
    boolFlag('digests', '', 'Show digests'),
    filterFlag(),
    listFormatFlag,
    boolFlag('no-trunc', '', 'Cut nothing short'),
    boolFlag('quiet', 'q', 'Print ids only'),
  ],
  arity: between(0, 1),
  run: async (context, args) => {
    const name = args.operands[0];
    const filters = [...args.list('filter'), ...(name === undefined ? [] : [`reference=${name}`])];
    const given = args.string('format');
    const format = args.bool('digests') && given.startsWith('table ') && !given.includes('{{.Digest}}') ? `${given}\t{{.Digest}}` : given;
    const client = await context.client();
    const images = await client.json<readonly ListedImage[]>('GET', '/images/json', { query: { all: args.bool('all'), filters: filterQuery(filters) } });
    const options = { truncate: !args.bool('no-trunc'), digests: args.bool('digests') || format.includes('{{.Digest}}'), nowMs: Date.now() };
    const views = images.flatMap((image) => imageViews(image, options));
    const quiet = args.bool('quiet') && (format === '' || format === 'table');
    const columns = args.bool('digests') ? DIGEST_COLUMNS : COLUMNS;
    context.out(quiet ? listField(views, 'ID') : await formatList(views, { format, columns, header: imageHeader }));
    return 0;
  },
};
