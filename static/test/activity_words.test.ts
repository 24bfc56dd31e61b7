/** What happened, as sentences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '../src/activity';
import type { JsonObject } from '../src/model/json';
import { canRevert, wordsOf } from '../src/views/activity_words';

const person = (id: string, fullName: string) => ({
    id,
    fullName,
    username: fullName.toLowerCase(),
    initials: fullName.slice(0, 1),
});
const ada = person('5f0000000000000000000061', 'Ada');
const bea = person('5f0000000000000000000062', 'Bea');

function action(type: string, data: JsonObject, member?: Action['member']): Action {
    const id = '5f0000000000000000000101';
    return { id, type, date: '2026-11-21T10:00:00.000Z', s: 7, by: ada, member, data };
}

test('what hangs on cards is told in words', () => {
    const card = { id: '5f0000000000000000000102', name: 'Boat' };
    const say = (type: string, data: JsonObject, member?: Action['member']) =>
        wordsOf(action(type, { card, ...data }, member), false);
    assert.equal(say('deleteComment', {}), 'deleted a comment on “Boat”');
    const given = (idMember: string | null) => ({
        checkItem: { name: 'Oars', idMember },
        old: { idMember: null },
    });
    assert.equal(say('updateCheckItem', given(bea.id), bea), 'gave “Oars” on “Boat” to Bea');
    assert.equal(say('updateCheckItem', given(null), bea), 'took Bea off “Oars” on “Boat”');
    assert.equal(say('updateCheckItem', given(ada.id), ada), 'took on “Oars” on “Boat”');
    assert.equal(say('updateCheckItem', given(null), ada), 'left “Oars” on “Boat”');
    assert.equal(
        say('updateAttachment', { attachment: { name: 'New' }, old: { name: 'Plan' } }),
        'renamed the attachment “Plan” to “New”',
    );
    const field = { customField: { name: 'Size' }, customFieldOption: { text: 'Big' } };
    assert.equal(
        say('createCustomFieldOption', field),
        'added the option “Big” to the field “Size”',
    );
    assert.equal(
        say('deleteCustomFieldOption', field),
        'took the option “Big” off the field “Size”',
    );
    assert.equal(
        say('updateCustomFieldOption', { ...field, old: { text: 'Large' } }),
        'renamed the option “Large” of the field “Size” to “Big”',
    );
    assert.equal(
        say('updateCustomFieldOption', { ...field, old: { color: 'red' } }),
        'changed the colour of the option “Big” of the field “Size”',
    );
});

test('where a board is, is told by name to who is there', () => {
    const club = { organization: { id: '5f0000000000000000000103', name: 'Club' } };
    const say = (type: string, data: JsonObject) => wordsOf(action(type, data), false);
    assert.equal(say('addToOrganizationBoard', club), 'put this board in the workspace “Club”');
    assert.equal(
        say('removeFromOrganizationBoard', { organization: {} }),
        'took this board out of a workspace that is not yours',
    );
});

test('people, workspaces and comments are not offered to be taken back', () => {
    const offered = (type: string) => canRevert(action(type, {}));
    const never = 'deleteComment addToOrganizationBoard removeFromOrganizationBoard commentCard '
        + 'makeAdminOfBoard addMemberToBoard moveCardFromBoard createCustomFieldOption';
    for (const type of never.split(' ')) assert.equal(offered(type), false, type);
    for (const type of ['deleteCard', 'updateCheckItem', 'deleteCustomFieldOption'])
        assert.equal(offered(type), true, type);
});
