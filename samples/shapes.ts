// Plane shapes and what can be measured on them.

export interface Circle {
  readonly kind: 'circle';
  readonly radius: number;
}

export interface Rectangle {
  readonly kind: 'rectangle';
  readonly width: number;
  readonly height: number;
}

export interface Triangle {
  readonly kind: 'triangle';
  readonly base: number;
  readonly height: number;
}

export type Shape = Circle | Rectangle | Triangle;

export function area(shape: Shape): number {
  switch (shape.kind) {
    case 'circle':
      return Math.PI * shape.radius ** 2;
    case 'rectangle':
      return shape.width * shape.height;
    case 'triangle':
      return (shape.base * shape.height) / 2;
  }
}

export function describe(shape: Shape): string {
  switch (shape.kind) {
    case 'circle':
      return `a circle of radius ${shape.radius}`;
    case 'rectangle':
      return `a rectangle of ${shape.width} by ${shape.height}`;
    case 'triangle':
      return `a triangle of base ${shape.base} and height ${shape.height}`;
  }
}

export function totalArea(shapes: readonly Shape[]): number {
  let total = 0;
  for (const shape of shapes) {
    total += area(shape);
  }
  return total;
}

export function largest(shapes: readonly Shape[]): Shape | undefined {
  let best: Shape | undefined;
  for (const shape of shapes) {
    if (best === undefined || area(shape) > area(best)) {
      best = shape;
    }
  }
  return best;
}
