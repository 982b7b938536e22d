import { messageOf } from '#base/error.ts';
import type { Random } from '#base/random.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { convertedAs } from '#cluster/kinds/custom/custom-kind.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { CustomConversion, ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { targetOf } from '../admission/webhooks/service-target.ts';
import type { WebhookCaller } from '../admission/webhooks/webhook-port.ts';
import { newUid } from '../names.ts';
import type { ObjectView } from '../object-view.ts';
import type { VersionConverter } from '../version-converter.ts';
import { conversionFailed, readConversion, renderConversion, type ConversionQuestion } from './conversion-review.ts';

export interface ConverterParts {
  readonly view: ObjectView;
  readonly caller: WebhookCaller;
  readonly random: Random;
}

/** Upstream's, of all conversions. */
const TIMEOUT_MS = 30_000;
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** Asks the webhooks of CustomResourceDefinitions (kubernetes.io, "Versions in CustomResourceDefinitions", webhook conversion). */
export class WebhookConverter implements VersionConverter {
  readonly #parts: ConverterParts;
  #turn = 0;

  constructor(parts: ConverterParts) {
    this.#parts = parts;
  }

  async convert({ group }: ResourceDefinition, conversion: CustomConversion, objects: readonly KubeObject[], version: string): Promise<readonly KubeObject[]> {
    const desired = joinApiVersion(group, version);
    const others = objects.filter(({ apiVersion }) => apiVersion !== desired);
    if (others.length === 0) return objects;
    const made = (await this.#ask({ desired, objects: others }, conversion)).values();
    return objects.map((object) => (object.apiVersion === desired ? object : convertedAs(conversion, made.next().value ?? object)));
  }

  async #ask(asked: Pick<ConversionQuestion, 'desired' | 'objects'>, conversion: CustomConversion): Promise<readonly KubeObject[]> {
    const { view, caller, random } = this.#parts;
    const reviewVersion = conversion.reviewVersions.find((each) => REVIEW_VERSIONS.includes(each));
    const question: ConversionQuestion = { ...asked, uid: newUid(random), reviewVersion: reviewVersion ?? '' };
    if (reviewVersion === undefined) throw conversionFailed(question, 'failed: no supported conversion review versions');
    this.#turn += 1;
    let answer: Uint8Array;
    try {
      answer = await caller.call(targetOf(view, conversion.clientConfig, this.#turn), renderConversion(question), TIMEOUT_MS);
    } catch (thrown) {
      throw conversionFailed(question, `failed: ${messageOf(thrown)}`);
    }
    return readConversion(answer, question);
  }
}
