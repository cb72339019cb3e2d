import type { AdaptationRequest } from '../../contracts/adaptation.js';

type Rule = Pick<AdaptationRequest, 'ranking' | 'maxChosenPerIteration' | 'budget'>;

/** Which proposals an iteration takes, after “the proposal with”: `the highest holdout accuracy, as NetAdapt was published`. */
export function rankingText({ ranking, maxChosenPerIteration, budget }: Rule): string {
  const counted = (['macs', 'params', 'peakActivationBytes'] as const).some((kind) => kind in budget);
  const others = othersText(maxChosenPerIteration);
  switch (ranking) {
    case 'accuracy': {
      const published = others === '' ? ', as NetAdapt was published' : ' (NetAdapt was published with one)';
      return `the highest holdout accuracy${others}${published}`;
    }
    case 'accuracy-per-latency': {
      const published = others === '' ? ', as MobileNetV3 does' : ' (MobileNetV3 takes one)';
      const saved = counted ? 'what it saves' : 'its reduction of latency';
      return `the best change of accuracy for ${saved}${others}${published}`;
    }
    default: {
      const saved = counted ? 'what it saves' : 'each millisecond saved';
      return (
        `the least calibrated holdout loss for ${saved}, against the uncut network after the same fine-tuning ` +
        `(the null proposal)${others}`
      );
    }
  }
}

/** @param most absent in requests of earlier versions, which took several */
function othersText(most: number | undefined): string {
  if (most === 1) return '';
  const others = most === undefined ? 'further ones' : `up to ${most - 1} more`;
  return `, and with it, while far from the budget, ${others} that share no op`;
}
