/** pictures.ts - which attachments are pictures that are shown here, and where an attachment is. */
import type { Attachment } from './parts';

/** What the server shows by itself, told by its content: see net/api/file_type.c. */
const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;

export function isPicture({ file, mimeType }: Attachment): boolean {
    return file !== null && PICTURE.test(mimeType ?? '');
}

export function addressOf({ id, idCard, file, fileName, url }: Attachment): string {
    if (file === null) return /^https?:\/\//i.test(url) ? url : '';
    const name = encodeURIComponent(fileName ?? 'file');
    return `/1/cards/${idCard}/attachments/${id}/download/${name}`;
}
