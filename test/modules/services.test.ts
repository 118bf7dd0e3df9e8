import { service } from '../../modules/services/service.ts';
import { systemdService } from '../../modules/services/systemd_service.ts';
import { runCases } from '../cases/driver.ts';

runCases(service);
runCases(systemdService);
