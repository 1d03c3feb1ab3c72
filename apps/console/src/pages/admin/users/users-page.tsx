import type { UserListReply, UserReply } from '@latchkey/contracts/auth-api';
import { Button, TextInput } from '@mantine/core';
import { useCallback, useState, type FormEvent } from 'react';
import { Link, useLocation } from 'wouter';
import { read, segment } from '../../../auth/api.js';
import { useLoaded } from '../../../auth/use-loaded.js';
import { Age } from '../../../components/age.js';
import { Fact, Item, Items, Tag, Tags } from '../../../components/item.js';
import { LoadedList } from '../../../components/loaded-list.js';
import { PageButtons, usePages } from '../../../components/pages.js';
import { Panel } from '../../../shell/panel.js';
import { VisibleText } from '../../../text/visible-text.js';
import { admin } from '../../../texts/admin.js';

const { users: words } = admin;

/** All users in pages, or those that a search finds. */
export function UsersPage() {
  const [search, setSearch] = useState('');
  const pages = usePages();
  const { after } = pages;
  const load = useCallback(
    (signal: AbortSignal) => {
      const query = new URLSearchParams();
      if (after !== undefined) query.set('after', after);
      if (search !== '') query.set('search', search);
      return read<UserListReply>(`admin/users?${query}`, signal);
    },
    [after, search],
  );
  const loaded = useLoaded(load);
  const [, navigate] = useLocation();
  return (
    <Panel
      title={words.title}
      aside={
        <Button size="xs" onClick={() => navigate('/admin/users/all/new')}>
          {words.create}
        </Button>
      }
    >
      <SearchForm
        onSearch={(text) => {
          pages.first();
          setSearch(text.trim());
        }}
      />
      <LoadedList loaded={loaded}>
        {({ users, next }) => (
          <>
            {users.length === 0 ? (
              <p className="hint">{words.none}</p>
            ) : (
              <Items label={words.title}>
                {users.map((user) => (
                  <UserItem key={user.id} user={user} />
                ))}
              </Items>
            )}
            <PageButtons pages={pages} next={next} isBusy={loaded.isLoading} />
          </>
        )}
      </LoadedList>
    </Panel>
  );
}

function SearchForm({ onSearch }: { onSearch: (text: string) => void }) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(text);
  };
  return (
    <form role="search" className="search" onSubmit={submit}>
      <TextInput
        aria-label={words.searchLabel}
        placeholder={words.search}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={254}
        autoCapitalize="none"
        spellCheck={false}
      />
      <Button type="submit" variant="default">
        {words.submit}
      </Button>
      <Button
        variant="subtle"
        disabled={text === ''}
        onClick={() => {
          setText('');
          onSearch('');
        }}
      >
        {words.clear}
      </Button>
    </form>
  );
}

const UserItem = ({ user }: { user: UserReply }) => (
  <Item
    title={
      <Link to={`/admin/users/${segment(user.username)}`}>
        <VisibleText text={user.username} />
      </Link>
    }
    tags={
      <>
        {user.disabled && <Tag tone="bad">{words.disabled}</Tag>}
        <Tags texts={user.roles} none="" tone="accent" />
      </>
    }
    facts={
      <>
        <Fact name={words.created}>
          <Age at={user.createdAt} />
        </Fact>
        <Fact name={words.id}>
          <span className="mono">{user.id}</span>
        </Fact>
      </>
    }
  />
);
