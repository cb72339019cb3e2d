import { signInNeeded } from './api/client.js';
import { connection } from './api/live.js';
import { AdaptationPage } from './pages/adaptation/adaptation-page.js';
import { AdaptationsPage } from './pages/adaptation/adaptations-page.js';
import { DevicePage } from './pages/devices/device-page.js';
import { DevicesPage } from './pages/devices/devices-page.js';
import { ExplorePage } from './pages/explore/explore-page.js';
import { JobPage } from './pages/job/job-page.js';
import { JobsPage } from './pages/job/jobs-page.js';
import { OverviewPage } from './pages/overview/overview-page.js';
import { TablePage } from './pages/table/table-page.js';
import { Account } from './parts/account.js';
import { Mark } from './parts/mark.js';
import { PageHead } from './parts/page-head.js';
import { SignIn } from './parts/sign-in.js';
import { href, route } from './router.js';

const SECTIONS: readonly { readonly path: readonly string[]; readonly name: string }[] = [
  { path: [], name: 'Overview' },
  { path: ['jobs'], name: 'Jobs' },
  { path: ['table'], name: 'Table' },
  { path: ['explore'], name: 'Explore' },
  { path: ['adaptations'], name: 'Adapt' },
  { path: ['devices'], name: 'Devices' },
];

/** The frame around every page: where one is, where one can go, whether the figures are live. */
export function App() {
  const [section = ''] = route.value.path;
  return (
    <>
      <button type="button" class="skip" onClick={skipToContent}>
        Skip to content
      </button>
      <header class="bar">
        <div class="bar-inner">
          <a class="brand" href={href([])}>
            <Mark />
            Lutra
          </a>
          <nav aria-label="Pages">
            {SECTIONS.map(({ path, name }) => (
              <a key={name} href={href(path)} aria-current={(path[0] ?? '') === section ? 'page' : undefined}>
                {name}
              </a>
            ))}
          </nav>
          {!signInNeeded.value && <Connection />}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {signInNeeded.value ? <SignIn /> : <Page />}
      </main>
      {!signInNeeded.value && <Account />}
    </>
  );
}

function Page() {
  const { path } = route.value;
  const [section, id] = path;
  switch (section) {
    case undefined:
      return <OverviewPage />;
    case 'jobs':
      return id === undefined ? <JobsPage /> : <JobPage key={id} id={id} />;
    case 'table':
      return <TablePage />;
    case 'explore':
      return <ExplorePage />;
    case 'adaptations':
      return id === undefined ? <AdaptationsPage /> : <AdaptationPage key={id} id={id} />;
    case 'devices':
      return id === undefined ? <DevicesPage /> : <DevicePage key={id} name={id} />;
  }
  return <PageHead title="There is no such page" beside={<a href={href([])}>To the overview</a>} />;
}

function skipToContent(): void {
  document.getElementById('content')?.focus();
}

const CONNECTION_TEXT = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' };

function Connection() {
  const state = connection.value;
  return (
    <p class={`live is-${state}`} role="status">
      <i />
      {CONNECTION_TEXT[state]}
    </p>
  );
}
