import * as b2b from '@stytch/nextjs/b2b';
import { pageOf } from '../../../lib/b2b';
import { settings } from '../../../lib/auth';

export default pageOf(b2b);
export const getServerSideProps = async () => ({ props: settings() });
