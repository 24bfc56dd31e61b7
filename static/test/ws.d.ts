/** What the tests use of ws. */
declare module 'ws' {
    export class WebSocket {
        constructor(
            url: string,
            protocol: string,
            options: { headers: Record<string, string>; perMessageDeflate: boolean },
        );
        readonly readyState: number;
        send(text: string): void;
        close(code?: number): void;
        terminate(): void;
        on(name: 'open', fn: () => void): void;
        on(name: 'message', fn: (data: Buffer) => void): void;
        on(name: 'close', fn: (code: number) => void): void;
        on(name: 'error', fn: (error: Error) => void): void;
    }
}
