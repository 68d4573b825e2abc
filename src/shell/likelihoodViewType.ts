// What the editor calls likelihood views; apart from them, because activation must know it and loads none of their code.
export const likelihoodViewType = 'chainrule.likelihood';
