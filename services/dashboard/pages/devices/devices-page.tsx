import { useDevices } from '../../api/devices.js';
import { Failure } from '../../parts/failure.js';
import { PageHead } from '../../parts/page-head.js';
import { DevicesCard } from '../overview/devices-card.js';
import { AddDeviceCard } from './add-device-card.js';

/** Every device, and how to add one. */
export function DevicesPage() {
  const { data, error } = useDevices().value;
  return (
    <>
      <PageHead
        title="Devices"
        beside="What networks are measured on: a machine’s processor, a board, a browser."
      />
      {error !== null && <Failure error={error} />}
      <div class="columns">
        <DevicesCard devices={data?.devices ?? null} all />
        <AddDeviceCard />
      </div>
    </>
  );
}
