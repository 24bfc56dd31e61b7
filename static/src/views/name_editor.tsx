/** name_editor.tsx - a name edited in place: Enter and leaving it keep it, Esc does not. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
    readonly name: string;
    readonly label: string;
    readonly many?: boolean; // it may wrap over several lines; a line break it cannot have
    readonly save: (name: string) => void;
    readonly done: () => void;
}

export function fit(area: HTMLTextAreaElement): void {
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
}

export function NameEditor({ name, label, save, done }: Props): JSX.Element {
    const ref = useRef<HTMLTextAreaElement>(null);
    const ended = useRef(false);
    const first = useRef(name);
    useLayoutEffect(() => {
        const area = ref.current;
        if (area === null) return;
        fit(area);
        area.focus();
        area.select();
    }, []);
    const end = (keep: boolean) => {
        if (ended.current) return;
        ended.current = true;
        const now = (ref.current?.value ?? '').replace(/\s*\n\s*/g, ' ').trim();
        if (keep && now !== '' && now !== first.current) save(now);
        done();
    };
    return (
        <textarea
            ref={ref}
            class="name-editor"
            rows={1}
            aria-label={label}
            defaultValue={name}
            maxLength={16384}
            onInput={(event) => fit(event.currentTarget)}
            onBlur={() => end(true)}
            onKeyDown={(event) => {
                if (event.isComposing) return;
                if (event.key !== 'Enter' && event.key !== 'Escape') return;
                event.preventDefault();
                event.stopPropagation();
                end(event.key === 'Enter');
            }}
        />
    );
}
