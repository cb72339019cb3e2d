import 'virtual:charts.css';
import './style/page.css';
import { render } from 'preact';

const root = document.getElementById('app')!;

/** The dashboard, or this browser as a device: each visitor loads one of the two. */
if (location.pathname === '/device') {
  document.title = 'Lutra: this browser as a device';
  const { DevicePage } = await import('./device/device-page.js');
  render(<DevicePage />, root);
} else {
  const [{ App }, { followChanges }] = await Promise.all([import('./app.js'), import('./api/live.js')]);
  followChanges();
  render(<App />, root);
}
