// The days of a week, for a model that knows nothing else.
export function nameOfDay(day: number): string {
  switch (day) {
    case 1:
      return 'monday';
    case 2:
      return 'tuesday';
    case 3:
      return 'wednesday';
    case 4:
      return 'thursday';
    case 5:
      return 'friday';
    case 6:
      return 'saturday';
    default:
      return 'sunday';
  }
}

export function isWorkday(day: number): boolean {
  const name = nameOfDay(day);
  return name !== 'saturday' && name !== 'sunday';
}

export function daysUntilSunday(day: number): number {
  return (7 - day) % 7;
}
