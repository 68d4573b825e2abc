// Files of all kinds, made here so that they are the same everywhere: writing systems, code, data, line ends, marks, bytes that are no text.
import { Random } from '../../../src/base/random.ts';
import { awkwardBytes, awkwardStrings, codeSamples } from '../codecs/samples.ts';

export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const sentences: Readonly<Record<string, string>> = {
  English: 'The rain had stopped, but nobody told the gutters.',
  German: 'Zwölf Boxkämpfer jagen heute größere Öfen über die Straße.',
  French: 'L’été dernier, nous avons mangé des crêpes à Noël : étrange, non ?',
  Spanish: '¿Mañana lloverá? El pingüino no contestó.',
  Portuguese: 'A manhã não trouxe pão, só maçãs.',
  Polish: 'Żółta gęś łyka późną jesienią źdźbło.',
  Czech: 'Příliš mnoho žluťoučkých koní pije čaj.',
  Turkish: 'Iğdır’da ılık bir gün, şişede çay var.',
  Vietnamese: 'Trời hôm nay đẹp, chúng ta đi dạo nhé.',
  Icelandic: 'Þórður ætlaði út, en það rigndi.',
  Greek: 'Η θάλασσα ήταν ήσυχη το πρωί.',
  Russian: 'Вчера шёл снег, сегодня уже тает.',
  Ukrainian: 'Їжак і ґава сиділи під яблунею.',
  Serbian: 'Џеп пун љешника и ђевђелија.',
  Hebrew: 'היום ירד גשם, ומחר תזרח השמש.',
  Arabic: 'كان الطقس جميلاً هذا الصباح.',
  Persian: 'امروز هوا خیلی گرم است.',
  Hindi: 'आज सुबह बहुत ठंड थी।',
  Bengali: 'আজ সকালে বৃষ্টি হয়েছিল।',
  Tamil: 'இன்று காலை மழை பெய்தது.',
  Thai: 'วันนี้อากาศดีมาก',
  Georgian: 'დღეს კარგი ამინდია.',
  Armenian: 'Այսօր լավ եղանակ է։',
  Amharic: 'ዛሬ ጥሩ ቀን ነው።',
  Chinese: '昨天下雨，今天出太阳了。',
  Japanese: '今日はとても良い天気ですね。カレーを食べよう。',
  Korean: '오늘은 날씨가 아주 좋습니다.',
  Emoji: '👩‍👩‍👧‍👦 and 🏳️‍🌈 and 👍🏽 went to 🇫🇮.',
  Mathematics: '∀ε>0 ∃δ>0: |x−a|<δ ⇒ |f(x)−f(a)|<ε',
  Braille: '⠓⠑⠇⠇⠕ ⠺⠕⠗⠇⠙',
};

const encoder = new TextEncoder();
const lineEnds: Readonly<Record<string, string>> = { LF: '\n', CRLF: '\r\n', CR: '\r', mixed: '\r\n\n\r' };
const byteOrderMark = '\ufeff';

/** More than two hundred, the long ones of some thousand bytes. */
export function corpus(): CorpusFile[] {
  const files: CorpusFile[] = [];
  const add = (name: string, content: string | Uint8Array | readonly number[]) =>
    files.push({ name, bytes: typeof content === 'string' ? encoder.encode(content) : Uint8Array.from(content) });
  const random = new Random(6);

  add('nothing', '');
  for (const byte of [0, 10, 32, 65, 127, 128, 191, 192, 237, 244, 255]) add(`one byte, ${byte}`, [byte]);
  for (const [language, text] of Object.entries(sentences)) {
    add(language, text);
    add(`${language}, lines`, `${text}\n${text.slice(3)}\n`);
    add(`${language}, UTF-16`, utf16(text.slice(0, 24)));
    add(`${language}, cut within a character`, encoder.encode(text).subarray(0, -2));
  }
  for (const [name, text] of Object.entries(awkwardStrings)) add(name, text.slice(0, 120));
  for (const [name, bytes] of Object.entries(awkwardBytes)) add(name, bytes);
  for (const [language, text] of Object.entries(codeSamples)) {
    add(`${language}, a piece`, text.slice(0, 160));
    add(`${language}, with a byte order mark`, byteOrderMark + text.slice(20, 100));
    for (const [name, end] of Object.entries(lineEnds)) {
      add(`${language}, ${name}`, text.slice(0, 90).replaceAll('\n', end));
    }
  }
  for (const length of [2, 7, 33, 150]) {
    add(`noise, ${length}`, noise(random, length, 256));
    add(`zeros, ${length}`, new Uint8Array(length));
    add(`ones, ${length}`, new Uint8Array(length).fill(255));
    add(`continuation bytes, ${length}`, new Uint8Array(length).fill(0x80));
    add(`two values, ${length}`, noise(random, length, 2));
  }
  add('a long line', encoder.encode('x = [1, 2, 3]; '.repeat(40)));
  add('a longer line without blanks', encoder.encode('0123456789abcdef'.repeat(40)));
  add('the same line again and again', encoder.encode('the same line\n'.repeat(40)));
  add('much noise', noise(random, 400, 256));
  add('a table', Array.from({ length: 30 }, (_, i) => `${i},${i * i},"row ${i}"`).join('\n'));
  add('all code', Object.values(codeSamples).join('\n').slice(0, 900));
  return files;
}

function noise(random: Random, length: number, values: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.nextInteger(values));
}

/** Little endian, with its mark. */
function utf16(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(byteOrderMark + text, 'utf16le'));
}
