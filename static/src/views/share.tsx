/** share.tsx - who is on a board: the members with their roles, and the one-time links by which its
 * admins invite others. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import type { Result } from '../api';
import type { Id } from '../model/id';
import type { Membership } from '../model/kinds';
import type { Role } from '../model/ops';
import { makeLink, type OpenLink, openLinks, withdrawLink } from '../people';
import type { Store } from '../store';
import { copyText, myRole } from './actions';
import { Icon } from './icons';
import { dayOf } from './labels';
import { Modal } from './modal';
import { momentOf } from './moments';
import { Avatar } from './person';
import { Twice } from './twice';
import { say, toast } from './ui';

const roles: Readonly<Record<Role, { readonly name: string; readonly may: string }>> = {
    observer: { name: 'Observer', may: 'Sees everything on the board and changes nothing.' },
    normal: { name: 'Member', may: 'Adds and changes lists, cards and labels.' },
    admin: { name: 'Admin', may: 'All of that, and decides who is on the board.' },
};
const roleOrder: readonly Role[] = ['observer', 'normal', 'admin'];

const LINKS_MS = 5000; // nobody is told when a link was used: while some are open, we ask

function wordsOf(result: Extract<Result<unknown>, { ok: false }>): string {
    if (result.trouble === 'offline') return 'The server cannot be reached. Try again in a moment.';
    if (result.trouble === 'signed-out') return 'You are signed out on this device.';
    return `The server refused: ${result.text}.`;
}

function RoleSelect({
    label,
    value,
    disabled = false,
    describedBy,
    set,
}: {
    label: string;
    value: string;
    disabled?: boolean;
    describedBy?: string | undefined;
    set: (role: Role) => void;
}): JSX.Element {
    return (
        <select
            aria-label={label}
            aria-describedby={describedBy}
            value={value}
            disabled={disabled}
            onChange={(event) => set(event.currentTarget.value as Role)}
        >
            {roleOrder.map((one) => (
                <option key={one} value={one} selected={one === value}>
                    {roles[one].name}
                </option>
            ))}
        </select>
    );
}

/** A text to be passed on: it cannot be changed, and one press copies it. */
function Given({
    label,
    what,
    value,
    take = false,
}: {
    label: string;
    what: string;
    value: string;
    take?: boolean;
}): JSX.Element {
    const field = useRef<HTMLInputElement>(null);
    useLayoutEffect(() => {
        if (take) field.current?.focus();
    }, [value]);
    return (
        <p class="row given">
            <input
                ref={field}
                class="grow"
                readOnly
                value={value}
                aria-label={label}
                size={1}
                onFocus={(event) =>
                    // backward: its beginning stays in sight
                    event.currentTarget.setSelectionRange(0, value.length, 'backward')
                }
            />
            <button
                type="button"
                class={take ? 'primary' : ''}
                onClick={() => void copyText(value, what, field.current)}
            >
                <Icon name="copy" /> Copy
            </button>
        </p>
    );
}

/* -- links that wait for somebody */

interface Links {
    readonly list: readonly OpenLink[];
    /** Asks the server again. */
    readonly refresh: () => Promise<void>;
    readonly withdraw: (link: OpenLink) => Promise<void>;
}

function useLinks(app: App, store: Store, admin: boolean): Links {
    const list = useSignal<readonly OpenLink[]>([]);
    const here = useRef(true);
    const members = store.members.value.length;
    const refresh = async () => {
        if (!admin) return;
        const result = await openLinks(app.env, store.id);
        if (result.ok && here.current) list.value = result.value;
    };
    const withdraw = async (link: OpenLink) => {
        const result = await withdrawLink(app.env, store.id, link.idMember);
        if (result.ok) toast(`The link for ${link.fullName} is withdrawn.`);
        else if (result.trouble === 'missing')
            toast(`${link.fullName} has used the link meanwhile.`);
        else toast(wordsOf(result));
        await refresh();
    };
    useEffect(
        () => () => {
            here.current = false;
        },
        [],
    );
    useEffect(() => void refresh(), [admin, members]);
    const open = list.value.length > 0;
    useEffect(() => {
        if (!open) return undefined;
        const timer = setInterval(() => void refresh(), LINKS_MS);
        return () => clearInterval(timer);
    }, [open]);
    return { list: admin ? list.value : [], refresh, withdraw };
}

/* -- members */

function Row({
    id,
    store,
    name,
    note,
    children,
}: {
    id: Id;
    store: Store;
    name: string;
    note: ComponentChildren;
    children: ComponentChildren;
}): JSX.Element {
    return (
        <li>
            <Avatar id={id} person={store.who.value.get(id)} />
            <span class="grow">
                {name}
                <small>{note}</small>
            </span>
            <span class="controls">{children}</span>
        </li>
    );
}

function waiting(link: OpenLink): string {
    return `Invited, not here yet. Link until ${dayOf(link.expires, Date.now())}`;
}

function Member({
    store,
    membership: { idMember, memberType },
    links,
    admin,
    only,
    note,
}: {
    store: Store;
    membership: Membership;
    links: Links;
    admin: boolean;
    only: boolean;
    note: string;
}): JSX.Element {
    const me = store.me.value?.id === idMember;
    const person = store.who.value.get(idMember);
    const name = person?.fullName ?? 'Somebody';
    const link = links.list.find((one) => one.idMember === idMember);
    const role = roles[memberType as Role]?.name ?? memberType;
    return (
        <Row
            id={idMember}
            store={store}
            name={me ? `${name} (you)` : name}
            note={link === undefined ? `@${person?.username ?? '?'}` : waiting(link)}
        >
            {admin ? (
                <RoleSelect
                    label={`Role of ${name}`}
                    value={memberType}
                    disabled={only}
                    describedBy={only ? note : undefined}
                    set={(next) => {
                        store.setRole(idMember, next);
                        say(`${name}: ${roles[next].name}. ${roles[next].may}`);
                    }}
                />
            ) : (
                <small>{role}</small>
            )}
            {(admin || me) && !only && (
                <Twice
                    word={me ? 'Leave' : link === undefined ? 'Remove' : 'Withdraw'}
                    what={me ? '' : name}
                    run={() => {
                        if (link === undefined) store.removeMember(idMember);
                        else void links.withdraw(link);
                    }}
                />
            )}
        </Row>
    );
}

function Members({
    store,
    links,
    admin,
}: {
    store: Store;
    links: Links;
    admin: boolean;
}): JSX.Element {
    const note = useId();
    const members = store.members.value;
    const admins = members.filter((one) => one.memberType === 'admin').length;
    const on = new Set(members.map((one) => one.idMember));
    const me = store.me.value?.id;
    const onlyMe = admins === 1 && members.some((one) => only(one) && one.idMember === me);
    function only(one: Membership): boolean {
        return one.memberType === 'admin' && admins === 1;
    }
    return (
        <>
            <ul class="people-list">
                {members.map((one) => (
                    <Member
                        key={one.id}
                        store={store}
                        membership={one}
                        links={links}
                        admin={admin}
                        only={only(one)}
                        note={note}
                    />
                ))}
                {links.list
                    .filter((link) => !on.has(link.idMember))
                    .map((link) => (
                        <Row
                            key={link.idMember}
                            id={link.idMember}
                            store={store}
                            name={link.fullName}
                            note="Not on the board any more, but the link still signs in"
                        >
                            <Twice
                                word="Withdraw"
                                what={link.fullName}
                                run={() => void links.withdraw(link)}
                            />
                        </Row>
                    ))}
            </ul>
            {onlyMe && (
                <p class="note" id={note}>
                    <Icon name="people" />
                    You are the only admin. Make somebody else admin before you leave or take
                    another role.
                </p>
            )}
        </>
    );
}

/* -- inviting */

interface Made {
    readonly name: string;
    readonly role: Role;
    readonly url: string;
    readonly expires: string;
}

function Invite({ app, store, links }: { app: App; store: Store; links: Links }): JSX.Element {
    const name = useRef<HTMLInputElement>(null);
    const role = useSignal<Role>('normal');
    const made = useSignal<Made | undefined>(undefined);
    const wrong = useSignal('');
    const busy = useSignal(false);
    const may = useId();
    const why = useId();
    const make = async () => {
        const field = name.current;
        if (field === null || busy.peek()) return;
        const who = field.value.trim();
        wrong.value = who === '' ? 'Whom is it for? The name is how others will see them.' : '';
        if (who === '') return field.focus();
        const as = role.peek();
        busy.value = true;
        const result = await makeLink(app.env, store.id, { name: who, role: as });
        busy.value = false;
        if (!result.ok) {
            wrong.value = wordsOf(result);
            return;
        }
        made.value = { ...result.value, name: who, role: as };
        field.value = '';
        say(`The link for ${who} is made.`);
        void links.refresh();
    };
    const now = made.value;
    return (
        <section class="invite" aria-label="Invite by link">
            <h3>Invite by link</h3>
            <form
                noValidate
                onSubmit={(event) => {
                    event.preventDefault();
                    void make();
                }}
            >
                <label class="field grow">
                    Name
                    <input
                        ref={name}
                        name="name"
                        maxLength={100}
                        autocomplete="off"
                        placeholder="Whom you invite"
                        aria-invalid={wrong.value !== ''}
                        aria-describedby={why}
                        onInput={() => {
                            wrong.value = '';
                        }}
                    />
                </label>
                <div class="field">
                    <span aria-hidden="true">Role</span>
                    <RoleSelect
                        label="Role"
                        value={role.value}
                        describedBy={may}
                        set={(next) => {
                            role.value = next;
                        }}
                    />
                </div>
                <button class="primary" aria-disabled={busy.value}>
                    <Icon name="link" /> Make a link
                </button>
            </form>
            <p class="quiet may" id={may}>
                <b>{roles[role.value].name}:</b> {roles[role.value].may}
            </p>
            <p class="wrong" id={why} role="alert">
                {wrong.value}
            </p>
            {now !== undefined && (
                <div class="made">
                    <p>
                        <b>Link for {now.name}</b> <small>{roles[now.role].name}</small>
                    </p>
                    <Given
                        take
                        key={now.url}
                        label={`Link for ${now.name}`}
                        what={`the link for ${now.name}`}
                        value={now.url}
                    />
                    <p class="quiet">
                        Send it to {now.name}: whoever opens it signs in as them. It works once,
                        until {momentOf(now.expires)}, and is shown only here and now.
                    </p>
                </div>
            )}
        </section>
    );
}

export function Share({ app, store, home }: { app: App; store: Store; home: string }): JSX.Element {
    const admin = myRole(store) === 'admin';
    const links = useLinks(app, store, admin);
    return (
        <Modal title="Members and sharing" kind="panel share">
            {admin && <Invite app={app} store={store} links={links} />}
            <h3>On this board</h3>
            <Members store={store} links={links} admin={admin} />
            <h3>This board's address</h3>
            <Given
                label="Address of the board"
                what="the address"
                value={location.origin + home}
            />
            <p class="quiet may">It opens for the members above, and for nobody else.</p>
        </Modal>
    );
}
