/** How well a network does on a set of images that it was not trained on. */
export interface Evaluation {
  /** Share of images whose largest logit is their class. */
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly lossNats: number;
  /** The same with the logits divided by the temperature that minimises it: twice the signal to noise of accuracy. */
  readonly calibratedLossNats: number;
  readonly temperature: number;
  /** Images. */
  readonly count: number;
}
