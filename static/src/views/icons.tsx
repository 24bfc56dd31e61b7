/** icons.tsx - drawings of 16 x 16, in the colour of the text around them. Always beside words, or
 * in a button with a label. How the lines look is said once, in css/base.css: a board has many. */
import type { JSX } from 'preact';

const paths = {
    plus: 'M8 3v10M3 8h10',
    close: 'M4 4l8 8M12 4l-8 8',
    more: 'M3 8h.01M8 8h.01M13 8h.01',
    search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14',
    filter: 'M2 4h12M4.5 8h7M6.5 12h3',
    clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3l2 1.5',
    text: 'M3 4h10M3 8h10M3 12h6',
    pen: 'M10.5 3 13 5.5 6 12.5l-3 .5.5-3z',
    archive: 'M2.5 3.5h11v3h-11zM3.5 6.5v6h9v-6M6.5 9h3',
    people:
        'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z' +
        'M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4' +
        'M11 3a2.3 2.3 0 0 1 0 4.3M12.5 10c1.3.6 2 1.8 2 3.5',
    tag: 'M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h.01',
    check: 'M3 8.5 6.5 12 13 4.5',
    talk: 'M2.5 3h11v8h-6l-3 3v-3h-2z',
    list: 'M2.5 4.5 4 6l2.5-3M2.5 11 4 12.5l2.5-3M9 5h5M9 11.5h5',
    arrow: 'M3 8h10M9 4l4 4-4 4',
    back: 'M13 8H3M7 4 3 8l4 4',
    vote: 'M3 10l5-5 5 5',
    star: 'M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z',
    undo: 'M5 3 2 6l3 3M2 6h7a4 4 0 0 1 0 8H6',
    sun:
        'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1' +
        'M12 12l1 1M13 3l-1 1M4 12l-1 1',
    help: 'M5.5 6a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M8 13h.01',
    share: 'M8 10V2M5 4.5 8 2l3 2.5M3 8v6h10V8',
    link:
        'M6.5 9.5a3 3 0 0 0 4.2 0l2.4-2.4a3 3 0 0 0-4.2-4.2l-.9.9' +
        'M9.5 6.5a3 3 0 0 0-4.2 0L2.9 8.9a3 3 0 0 0 4.2 4.2l.9-.9',
    boards: 'M2.5 2.5h4.5v11h-4.5zM9.5 2.5h4v7h-4z',
    copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
    cover: 'M2.5 2.5h11v11h-11zM2.5 7h11',
    eye:
        'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z' +
        'M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): JSX.Element {
    return (
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d={paths[name]} />
        </svg>
    );
}
